// Usage: node scripts/artefact.mjs CONTRACT PREFIX
// Writes PREFIX.abi.json and PREFIX.bin from forge's artefact of CONTRACT.
import {readFileSync, writeFileSync} from 'node:fs';

const [contract, prefix] = process.argv.slice(2);
const artefact = JSON.parse(readFileSync(new URL(`../out/${contract}.sol/${contract}.json`, import.meta.url), 'utf8'));
const bytecode = artefact.bytecode.object;
if (!/^0x[0-9a-f]+$/.test(bytecode)) throw new Error(`${contract}: bytecode is empty or not linked`);

// One entry a line keeps diffs of the ABI readable.
const entries = artefact.abi.map((entry) => '  ' + JSON.stringify(entry));
writeFileSync(`${prefix}.abi.json`, `[\n${entries.join(',\n')}\n]\n`);
writeFileSync(`${prefix}.bin`, bytecode.slice(2) + '\n');
