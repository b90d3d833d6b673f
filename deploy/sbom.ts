import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesOf } from './licences.ts';

interface Bom {
  components: { name: string; version: string; 'bom-ref': string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
  metadata: { component: { 'bom-ref': string } };
}

const root = join(import.meta.dirname, '..');

/**
 * Writes dist/sbom.cdx.json: the packages that Footfall runs with, as CycloneDX. `npm sbom --omit=dev` leaves out packages
 * that tools use, too, so what it lists of everything is reduced to what package-lock.json needs without tools.
 */
function writeSbom(): void {
  const said = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  });
  const bom: Bom = JSON.parse(said);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const wanted = new Set(licencesOf(lock).map(({ name, version }) => `${name}@${version}`));
  const components = bom.components.filter(({ name, version }) => wanted.delete(`${name}@${version}`));
  if (wanted.size > 0) throw new Error(`npm sbom does not list ${[...wanted].join(', ')}.`);
  const refs = new Set([bom.metadata.component, ...components].map((one) => one['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(
    join(root, 'dist', 'sbom.cdx.json'),
    `${JSON.stringify({ ...bom, components, dependencies }, null, 2)}\n`,
  );
  console.log(`dist/sbom.cdx.json lists ${components.length} packages.`);
}

writeSbom();
