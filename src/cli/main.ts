#!/usr/bin/env node
/** The command `ort-genai`. */
import { Output } from './output.ts';
import { run } from './program.ts';

void run(process.argv.slice(2), new Output());
