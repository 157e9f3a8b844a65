/** Forms: targets of at least 44 px, visible edges, errors in words beside their field. */
export const formsStyle = `
form.card{padding:clamp(1rem,.6rem + 1.6vw,1.5rem)}
fieldset{border:0;margin:0 0 1.2rem;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:.4rem;font-size:1.06rem}
label.opt{position:relative;display:flex;gap:.8rem;align-items:flex-start;min-height:var(--touch);padding:.7rem .9rem;border:1px solid var(--edge);border-radius:var(--round);background:var(--paper);cursor:pointer}
label.opt+label.opt,.fault+label.opt{margin-top:.5rem}
label.opt:hover{border-color:var(--alder)}
label.opt:has(input:checked){border-color:var(--alder);background:var(--alder-soft);box-shadow:inset 0 0 0 1px var(--alder)}
label.opt input{flex:none;width:1.35rem;height:1.35rem;margin:.12rem 0 0;accent-color:var(--alder)}
label.opt small{display:block}
.field{margin:0 0 1.2rem}
.field label:not(.opt),.field .label{display:block;font-weight:600}
.hint{color:var(--mute);font-size:.93rem;margin:.05rem 0 .35rem}
.fault{color:var(--no);font-weight:600;font-size:.97rem;margin:.1rem 0 .35rem}
input:not([type=radio],[type=checkbox]),select,textarea{width:100%;min-height:var(--touch);font:inherit;line-height:1.4;padding:.55rem .7rem;border:1px solid var(--edge);border-radius:.3rem;background:var(--paper);color:var(--ink)}
.card :is(input:not([type=radio],[type=checkbox]),select,textarea){background:var(--card)}
.row{margin:0;padding:.35rem 0;border-top:1px solid var(--rule)}
.row>legend{line-height:1.3;margin:0 0 .2rem;padding-inline-end:.5rem}
.row>div{display:flex;flex-wrap:wrap;gap:.25rem}
.row label{position:relative;flex:1 0 auto;min-width:2.75rem;min-height:2.75rem;padding:.5rem .45rem;display:grid;place-items:center;font-size:.93rem}
.row input{appearance:none;position:absolute;inset:0;margin:0;border:1px solid var(--edge);border-radius:.4rem}
.row span{position:relative;pointer-events:none}
.row :checked{background:var(--alder);border-color:var(--alder)}
.row :checked+span{color:var(--paper);text-decoration:underline 2px}
:has(>.field :checked)>.row:not(:has(:checked)) [value=yes]{background:var(--alder-soft);border:2px dashed var(--alder)}
textarea{min-height:6rem;resize:vertical}
fieldset.field input+input{margin-top:.5rem}
[aria-invalid=true]{border:2px solid var(--no)}
button,a.go{display:inline-flex;align-items:center;justify-content:center;font:inherit;font-weight:600;line-height:1.3;padding:.7rem 1.35rem;border-radius:.4rem;border:1px solid transparent;background:var(--alder);color:var(--paper);min-height:2.95rem;cursor:pointer;text-decoration:none}
button:hover,a.go:hover{background:color-mix(in srgb,var(--alder) 88%,var(--ink))}
button.quiet{background:transparent;color:var(--alder);border-color:currentColor}
button.quiet:hover{background:var(--alder-soft)}
button.danger{background:var(--no);color:var(--paper)}
button.danger:hover{background:color-mix(in srgb,var(--no) 88%,var(--ink))}
.find{display:flex;gap:.6rem .8rem;flex-wrap:wrap;margin:1.2rem 0;align-items:end}
.find>div{flex:1 1 9.2rem;min-width:0}
.find label{display:block;font-size:.93rem;color:var(--mute);margin-bottom:.2rem}
.roll>div{display:grid;grid-template-columns:1fr minmax(8rem,12rem);gap:.3rem 1rem;align-items:center;padding:.45rem 0;border-bottom:1px solid var(--rule)}
.roll .fault{grid-column:1/-1;margin:0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem;align-items:end}
@media (max-width:32rem){.pair{grid-template-columns:1fr}}
@media (max-width:30rem){form.card>button,form.card>p>button,a.go,.find>button{width:100%}.roll>div{grid-template-columns:1fr}}
`;
