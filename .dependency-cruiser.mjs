// Who may import whom. Each rule carries the name of the promise that it keeps; test/scripts/import-rules.test.ts sees
// each of them fire. Imports of types count like any other.

const steps = '^main/(data|training|consent|update|sync|model)/';
const programs = '^(main|renderer|coordinator|auditor)/';
// All that a verifier of logs needs: one folder and three files.
const logCode = [
  '^shared/transparency/',
  '^shared/wire/canonical\\.ts$',
  '^shared/records/fingerprint\\.ts$',
  '^shared/errors\\.ts$',
];
const product = '^(shared|platform|main|coordinator|renderer|auditor)/';
const beside = '^(test|bench|scripts)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'shared-runs-anywhere',
      comment: 'Institution, coordinator, browser and auditor run the same shared code, so it knows none of them.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: ['^(main|renderer|coordinator|platform)/', '(^|/)(electron|better-sqlite3|@tensorflow)(/|$)'] },
    },
    {
      name: 'shared-needs-no-node',
      comment: 'A browser has no Node modules: what shared code needs of its host is handed to it.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'institution-does-not-contain-the-coordinator',
      comment: 'They are two programs with two trusts; what both need lies in shared and platform.',
      severity: 'error',
      from: { path: '^main/' },
      to: { path: '^coordinator/' },
    },
    {
      name: 'coordinator-does-not-contain-an-institution',
      comment: 'They are two programs with two trusts; what both need lies in shared and platform.',
      severity: 'error',
      from: { path: '^coordinator/' },
      to: { path: ['^main/', '^renderer/'] },
    },
    {
      name: 'platform-serves-both-sides',
      comment: 'What both programs use belongs to neither.',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: programs },
    },
    {
      name: 'steps-meet-only-in-the-round',
      comment: 'The steps of a round do not know each other, not even by a type: main/round.ts joins them.',
      severity: 'error',
      from: { path: steps },
      to: { path: [steps, '^main/(round|node|handlers|headless)\\.ts$'], pathNot: '^main/$1/' },
    },
    {
      name: 'stages-know-no-step',
      comment: 'Types that all steps speak would otherwise carry one step into the others.',
      severity: 'error',
      from: { path: '^main/stages\\.ts$' },
      to: { path: steps },
    },
    {
      name: 'audit-and-store-stand-below-the-steps',
      comment: 'Whatever a step does is recorded by code that does not depend on it.',
      severity: 'error',
      from: { path: '^main/(audit|store)/' },
      to: { path: [steps, '^main/(round|node|handlers|headless)\\.ts$'] },
    },
    {
      name: 'what-leaves-cannot-reach-rows',
      comment: "Nothing that sealing or sending can reach, however far, reads the institution's rows.",
      severity: 'error',
      from: { path: '^main/(sync|update)/' },
      to: { path: '^main/data/', reachable: true },
    },
    {
      name: 'one-place-sends',
      comment:
        'Every byte that leaves passes main/sync/outbound.ts, and so the ledger: nothing else of a node can open a socket.',
      severity: 'error',
      from: {
        path: product,
        pathNot: [
          '^main/sync/(outbound|network)\\.ts$',
          '^platform/remote-client\\.ts$',
          '^main/electron/remote\\.ts$',
        ],
      },
      to: {
        path: [
          '^(node:)?(net|tls|https?|http2|dgram|dns|child_process|cluster|inspector)(/|$)',
          '(^|/)(undici|undici-types|node-fetch|ws)(/|$)',
        ],
      },
    },
    {
      name: 'a-node-calls-no-other-node',
      comment:
        "platform/remote-client.ts and main/electron/remote.ts are the other end: a person's own computer. What runs a node cannot reach them.",
      severity: 'error',
      from: { path: '^main/(node|routes|serve|door|electron/local-node)\\.ts$' },
      to: { path: '^(platform/remote-client|main/electron/remote)\\.ts$', reachable: true },
    },
    {
      name: 'modules-are-imported',
      comment:
        'What is required at run time is hidden from these rules. TensorFlow has to be, and is seen here by its name.',
      severity: 'error',
      from: { path: product, pathNot: '^main/training/tensorflow\\.ts$' },
      to: { path: '^(node:)?module$', dependencyTypes: ['core'] },
    },
    {
      name: 'calls-are-made-in-three-places',
      comment:
        'To the coordinator over the one place that sends; to a program of this machine; from a desktop to its node.',
      severity: 'error',
      from: {
        path: product,
        pathNot: ['^main/sync/client\\.ts$', '^platform/(local|remote)-client\\.ts$', '^renderer/'],
      },
      to: { path: '(^|/)@connectrpc/connect-(web|node)(/|$)' },
    },
    {
      name: 'three-files-listen',
      comment:
        'The node on loopback and for desktops, the coordinator for members; blob-plane.ts is a part of the latter.',
      severity: 'error',
      from: { path: product, pathNot: ['^main/(serve|door)\\.ts$', '^coordinator/(server|blob-plane)\\.ts$'] },
      to: { path: '(^|/)(fastify|@fastify/[^/]+|@connectrpc/connect-fastify)(/|$)' },
    },
    {
      name: 'only-the-shell-knows-electron',
      comment: 'The node runs without a window.',
      severity: 'error',
      from: { pathNot: '^main/electron/' },
      to: { path: '(^|/)electron(/|$)', pathNot: '^main/electron/' },
    },
    {
      name: 'auditor-runs-only-the-log-code',
      comment: 'An auditor reads the code of the log, not the product: on the command line and on the page alike.',
      severity: 'error',
      from: { path: '^(platform/assent-verify\\.ts$|auditor/)' },
      to: {
        path: '^(shared|platform|main|coordinator|renderer)/',
        pathNot: [...logCode, '^platform/(crypto|assent-verify)\\.ts$'],
        reachable: true,
      },
    },
    {
      name: 'auditor-trusts-no-schema-of-the-product',
      comment: 'What the verifier concludes rests on its own strict reading, not on the code that wrote the records.',
      severity: 'error',
      from: { path: '^shared/transparency/' },
      to: { path: ['^shared/', '(^|/)zod(/|$)'], pathNot: logCode, reachable: true },
    },
    {
      name: 'page-runs-in-a-browser',
      comment:
        'verify.html is one file that works offline: no Node, and nothing that somebody else wrote but the cryptography.',
      severity: 'error',
      from: { path: '^auditor/' },
      to: {
        path: ['^platform/', '^(node:)?[a-z_]+$', '(^|/)node_modules/'],
        pathNot: ['(^|/)node_modules/(@noble|canonicalize)/'],
      },
    },
    {
      name: 'renderer-decides-nothing',
      comment: 'The window shows what the node says: no business rules, no keys, no files.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: {
        path: '^(main|coordinator|platform|shared)/',
        pathNot: ['^shared/(gen|transparency|text)/', '^shared/errors\\.ts$', '^shared/algorithms/catalog\\.ts$'],
      },
    },
    {
      name: 'cryptography-is-in-one-file',
      comment: 'A reviewer finds every primitive that is used in platform/crypto.ts.',
      severity: 'error',
      from: { path: '^(main|coordinator|platform|examples)/', pathNot: '^platform/crypto\\.ts$' },
      to: { path: '^(node:)?crypto$', dependencyTypes: ['core'] },
    },
    {
      name: 'one-folder-opens-sqlite',
      comment: 'WAL, synchronous=FULL and the lock are set where a file is opened, and nowhere else.',
      severity: 'error',
      from: { path: '^(main|coordinator|examples)/' },
      to: { path: '(^|/)better-sqlite3(/|$)' },
    },
    {
      name: 'product-stands-without-its-tests',
      comment: 'What is shipped needs nothing of tests, benches and scripts.',
      severity: 'error',
      from: { path: product },
      to: { path: beside },
    },
    {
      name: 'every-algorithm-is-tested',
      comment: 'An algorithm or aggregator that no test reaches is not in the catalog of what works.',
      severity: 'error',
      from: { path: '^test/.*\\.test\\.ts$' },
      to: { path: '^shared/(algorithms|aggregators)/', reachable: false },
    },
    {
      name: 'no-cycles',
      comment: 'A file can be understood from what it imports.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|platform/gen)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
