#!/usr/bin/env node
// The command assent-node: main/headless.ts under the project's Node 24.
import { launch } from '../launch.mjs';

launch('main/headless.ts', process.argv.slice(2));
