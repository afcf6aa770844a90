// A small program that ends as the local stack does: it has a child process and a folder, which the reaper ends and removes.
import { spawn } from 'node:child_process';
import { importTypeScript } from '../../offline/plugins/import-typescript.mjs';

const supervisor = new URL('../../offline/supervisor/', import.meta.url);
const { superviseChildren } = await importTypeScript(new URL('child-processes.ts', supervisor));
const { whenParentIsGone } = await importTypeScript(new URL('parent-watch.ts', supervisor));

superviseChildren([process.argv[2]], () => {});
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
await whenParentIsGone(() => process.exit());
setInterval(() => {}, 1_000);
console.log('ready');
