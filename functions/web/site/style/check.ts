/** The page "check it yourself": its picture, and commands that one click marks whole. */
export const checkStyle = `
.picture{margin:1rem 0;max-width:24rem}
.picture svg{display:block;width:100%;height:auto}
.picture .line{fill:none;stroke:var(--edge);stroke-width:1.5}
.picture .way{fill:none;stroke:var(--alder);stroke-width:2.5}
.picture .box{fill:var(--card);stroke:var(--edge);stroke-width:1.5}
.picture .mine{fill:var(--alder-soft);stroke:var(--alder);stroke-width:2.5}
.picture .seal{fill:var(--alder);stroke:none}
.picture .tick{fill:none;stroke:var(--paper);stroke-width:2.5}
.picture text{fill:var(--ink);font-size:13px;text-anchor:middle}
.command{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.7rem 1rem;white-space:pre-wrap;margin:.4rem 0}
.command code{user-select:all;-webkit-user-select:all}
.ground{color:var(--mute);font-size:.9rem}
.ground a{margin-inline-start:.6rem}
`;
