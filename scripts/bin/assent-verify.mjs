#!/usr/bin/env node
// The command assent-verify: platform/assent-verify.ts under the project's Node 24.
import { launch } from '../launch.mjs';

launch('platform/assent-verify.ts', process.argv.slice(2));
