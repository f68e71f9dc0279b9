// Usage: node scripts/golden.mjs
// Writes settle/testdata/merkle.json and eip712.json, the vectors that the Go and Solidity tests are held to. They come from
// JavaScript libraries alone (@openzeppelin/merkle-tree, ethers), so that no implementation here checks itself.
// Every value follows from the labels below: two runs give the same bytes.
import {writeFileSync} from 'node:fs';
import {StandardMerkleTree} from '@openzeppelin/merkle-tree';
import {SigningKey, TypedDataEncoder, computeAddress, getAddress, id, recoverAddress} from 'ethers';

const CHAIN_ID = 11155111n; // Sepolia
const LEDGER = getAddress('0x' + id('attrib.golden.ledger').slice(-40));
const DOMAIN_LABEL = 'attrib.ledger.leaf.v1';
const LEAF_ENCODING = ['bytes32', 'uint256', 'address', 'address', 'uint256'];
const SIZES = [1, 2, 3, 5, 12, 33, 1000];
// First account of the mnemonic "test test … junk" that anvil and hardhat print: known to all, worth nothing.
const TEST_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

const addressOf = (label) => getAddress('0x' + id(label).slice(-40));

// Amounts have 1 to 30 digits, so that encodings of every width occur.
function value(size, i) {
  const label = `attrib.golden.payee.${size}.${i}`;
  const amount = 1n + (BigInt(id(label)) % 10n ** BigInt(1 + (i % 30)));
  return [id(DOMAIN_LABEL), CHAIN_ID, LEDGER, addressOf(label), amount].map(String);
}

function merkleCase(size) {
  const values = Array.from({length: size}, (_, i) => value(size, i));
  const tree = StandardMerkleTree.of(values, LEAF_ENCODING);
  const proven = (i) => size <= 33 || [0, 1, 499, 998, 999].includes(i);
  const payees = values.map((v, i) => ({
    account: v[3],
    cumulativeAmount: v[4],
    ...(proven(i) ? {leaf: tree.leafHash(v), proof: tree.getProof(i)} : {}),
  }));
  const cumulativeTotal = values.reduce((sum, v) => sum + BigInt(v[4]), 0n).toString();
  // The library's own dump, for readers and writers of that format.
  const dump = size <= 12 ? {dump: tree.dump()} : {};
  return {name: `${size}`, root: tree.root, cumulativeTotal, payees, ...dump};
}

function typedCase(name, domain, types, message) {
  const primaryType = Object.keys(types)[0];
  const digest = TypedDataEncoder.hash(domain, types, message);
  const signature = new SigningKey(TEST_KEY).sign(digest).serialized;
  if (recoverAddress(digest, signature) !== computeAddress(TEST_KEY)) throw new Error(`${name}: does not recover`);
  return {
    name,
    domain,
    types,
    primaryType,
    message,
    encodeType: TypedDataEncoder.from(types).encodeType(primaryType),
    typeHash: id(TypedDataEncoder.from(types).encodeType(primaryType)),
    domainSeparator: TypedDataEncoder.hashDomain(domain),
    structHash: TypedDataEncoder.hashStruct(primaryType, types, message),
    digest,
    signature,
  };
}

const fields = (...list) => list.map((f) => ({name: f.split(' ')[1], type: f.split(' ')[0]}));

const CLAIM_TO = {
  ClaimTo: fields('address account', 'address recipient', 'uint256 cumulativeAmount', 'uint256 nonce', 'uint256 deadline'),
};
const CORPUS_CLAIM = {
  Claim: fields('string contributor', 'address payout', 'bytes32 contentRoot', 'string licence', 'uint256 nonce', 'uint256 deadline'),
};
const ledgerDomain = {name: 'attrib ledger', version: '1', chainId: String(CHAIN_ID), verifyingContract: LEDGER};
const corpusDomain = {name: 'attrib', version: '1', chainId: String(CHAIN_ID)};
const corpusClaim = (contributor, licence, nonce) => ({
  contributor,
  payout: addressOf('attrib.golden.payout'),
  contentRoot: id('attrib.golden.content'),
  licence,
  nonce,
  deadline: '1893456000',
});

const typedCases = [
  typedCase('claimTo', ledgerDomain, CLAIM_TO, {
    account: computeAddress(TEST_KEY),
    recipient: addressOf('attrib.golden.recipient'),
    cumulativeAmount: '123456789012345678901',
    nonce: '0',
    deadline: '1893456000',
  }),
  typedCase('corpusClaim', corpusDomain, CORPUS_CLAIM, corpusClaim('contributor-001', 'CC-BY-4.0', '0')),
  typedCase('corpusClaimUnicode', corpusDomain, CORPUS_CLAIM, corpusClaim('beitragende-ü-貢献', '', '7')),
];

// A list of scalars, and a payee, stay on one line each: a thousand payees are a thousand lines.
function render(node, indent = '') {
  const inner = indent + '  ';
  if (node === null || typeof node !== 'object') return JSON.stringify(node);
  const flat = (o) => Object.values(o).every((x) => typeof x !== 'object' || Array.isArray(x));
  if ('account' in node || (!Array.isArray(node) && flat(node) && JSON.stringify(node).length < 110)) return JSON.stringify(node);
  if (Array.isArray(node) && node.every((x) => typeof x !== 'object')) return JSON.stringify(node);
  const entries = Array.isArray(node)
    ? node.map((x) => inner + render(x, inner))
    : Object.entries(node).map(([k, x]) => `${inner}${JSON.stringify(k)}: ${render(x, inner)}`);
  const [open, close] = Array.isArray(node) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${entries.join(',\n')}\n${indent}${close}`;
}

function write(file, content) {
  writeFileSync(new URL(`../../testdata/${file}`, import.meta.url), render(content) + '\n');
}

write('merkle.json', {
  schema: 'attrib.golden.merkle.v1',
  source: '@openzeppelin/merkle-tree 1.0.8, StandardMerkleTree',
  domainLabel: DOMAIN_LABEL,
  domain: id(DOMAIN_LABEL),
  chainId: String(CHAIN_ID),
  ledger: LEDGER,
  leafEncoding: LEAF_ENCODING,
  trees: SIZES.map(merkleCase),
});
write('eip712.json', {
  schema: 'attrib.golden.eip712.v1',
  source: 'ethers 6.17.0, TypedDataEncoder',
  signer: computeAddress(TEST_KEY),
  testKey: TEST_KEY,
  cases: typedCases,
});
