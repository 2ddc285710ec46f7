// The style of a time-travel page: light and dark by the reader's wish, beside each other where there is
// room and below each other where there is not. Signs and words say what colours say.

export const TIME_TRAVEL_STYLE: string = `
:root { color-scheme: light dark; --ground: #f4f6f9; --card: #fff; --ink: #1b2330; --muted: #586374;
  --frame: #cfd6df; --accent: #1463d8; --added: #17774a; --removed: #c42b3a; --changed: #935f00;
  --added-ground: #e5f6ec; --removed-ground: #fdeaec; --changed-ground: #fdf2da; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0b0f14; --card: #10151c; --ink: #e8edf4; --muted: #a3afbf; --frame: #344051;
    --accent: #6aa8ff; --added: #63cf98; --removed: #ff8087; --changed: #e6b54a;
    --added-ground: #14301f; --removed-ground: #3a1a1e; --changed-ground: #352a10; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 14px/1.45 Helvetica, Arial, 'Liberation Sans', sans-serif; }
header, footer { padding: 14px 20px 4px; }
footer { padding: 4px 20px 18px; color: var(--muted); font-size: 13px; }
h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
header p { margin: 2px 0 6px; color: var(--muted); }
header .note { color: var(--ink); border-left: 4px solid var(--changed); background: var(--changed-ground);
  padding: 6px 10px; border-radius: 4px; }
h2 { font-size: 14px; margin: 0 0 6px; }
nav { position: sticky; top: 0; z-index: 1; display: grid; grid-template-columns: auto 1fr;
  gap: 2px 16px; align-items: center; padding: 8px 20px; background: var(--card);
  border-block: 1px solid var(--frame); }
nav .buttons { display: flex; gap: 6px; }
nav #summary { grid-column: 1 / -1; margin: 0; min-height: 1.45em; overflow-wrap: anywhere; }
button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--frame);
  border-radius: 6px; padding: 4px 10px; min-width: 34px; cursor: pointer; }
button:hover:enabled { border-color: var(--accent); }
button:disabled { opacity: .45; cursor: default; }
#play { min-width: 86px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#slider { width: 100%; min-width: 0; accent-color: var(--accent); }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(320px, 2fr); gap: 14px;
  padding: 14px 20px; align-items: start; }
section { background: var(--card); border: 1px solid var(--frame); border-radius: 10px; padding: 12px 14px; }
section.chart { position: sticky; top: 84px; }
section[hidden] + .about { grid-column: 1 / -1; }
.about { display: grid; gap: 14px; min-width: 0; }
.all { grid-column: 1 / -1; }
.bar { display: flex; justify-content: space-between; align-items: start; }
#picture { overflow: auto; max-height: calc(100vh - 160px); min-height: 220px; }
#picture svg { display: block; margin: 0 auto; }
#picture.fit svg { width: 100%; height: auto; max-height: calc(100vh - 162px); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 12px; margin: 0 0 8px; }
dt, .quiet { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.quiet { margin: 0 0 6px; }
ul { list-style: none; margin: 0; padding: 0; }
#waiting li { overflow-wrap: anywhere; }
pre { margin: 6px 0 0; overflow: auto; max-height: 320px; }
pre, .tree, td { font: 12.5px/1.5 ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
.tree { position: relative; max-height: 60vh; overflow: auto; }
.tree li { padding: 0 6px; border-radius: 4px; overflow-wrap: anywhere; }
.tree .sign { display: inline-block; width: 1.2em; font-weight: 700; }
.tree .name { color: var(--muted); margin-right: .8em; }
.tree .word { margin-left: .8em; font-size: 11px; color: var(--muted); }
.tree .added { background: var(--added-ground); }
.tree .removed { background: var(--removed-ground); }
.tree .changed { background: var(--changed-ground); }
.tree .added .sign { color: var(--added); }
.tree .removed .sign { color: var(--removed); }
.tree .changed .sign { color: var(--changed); }
.tree .removed .value { text-decoration: line-through; }
${Array.from({ length: 10 }, (_, depth) => `.depth-${depth} .name { padding-left: ${depth * 1.1}em; }`).join('\n')}
summary { cursor: pointer; }
summary h2 { display: inline; }
.scroll { overflow: auto; max-height: 420px; margin-top: 8px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 3px 10px 3px 0; vertical-align: top; }
th { position: sticky; top: 0; background: var(--card); font-weight: 600; color: var(--muted); }
td { border-top: 1px solid var(--frame); overflow-wrap: anywhere; }
tr[aria-current] td { background: var(--changed-ground); }
.jump { padding: 0 8px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 820px) {
  main { grid-template-columns: minmax(0, 1fr); padding: 10px; }
  section.chart { position: static; }
  #picture { max-height: 46vh; }
  #picture.fit svg { max-height: none; }
  nav { grid-template-columns: 1fr; padding: 8px 10px; }
  header, footer { padding-inline: 12px; }
}
`;
