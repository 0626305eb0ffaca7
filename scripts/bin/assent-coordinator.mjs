#!/usr/bin/env node
// The command assent-coordinator: coordinator/cli.ts under the project's Node 24.
import { launch } from '../launch.mjs';

launch('coordinator/cli.ts', process.argv.slice(2));
