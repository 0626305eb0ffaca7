// What Chromium 83 lacks of the library, for the build of the smoke test alone.
import 'core-js/stable';
