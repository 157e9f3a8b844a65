/** Forms: big targets, visible edges, errors in words beside their field. */
export const formsStyle = `
form.card{padding:1.1rem}
fieldset{border:0;margin:0 0 1.2rem;padding:0;min-width:0}
legend{font-weight:650;padding:0;margin-bottom:.3rem;font-size:1.05rem}
label.opt{display:flex;gap:.7rem;padding:.75rem .2rem;border-bottom:1px solid var(--rule);cursor:pointer}
label.opt input{flex:none;width:1.4rem;height:1.4rem;margin:.1rem 0 0;accent-color:var(--alder)}
label.opt small{display:block}
.field{margin:0 0 1.1rem}
.field label,.field .label{display:block;font-weight:600}
.hint{color:var(--mute);font-size:.9rem;margin:.1rem 0 .3rem}
.fault{color:var(--no);font-weight:600;font-size:.95rem;margin:.1rem 0 .3rem}
input[type=text],input[type=date],input[type=url],input[type=search],select,textarea{width:100%;min-height:2.9rem;font:inherit;padding:.55rem .6rem;border:1px solid var(--edge);border-radius:.3rem;background:var(--paper);color:var(--ink)}
textarea{min-height:5.5rem;resize:vertical}
[aria-invalid=true]{border:2px solid var(--no)}
button{font:inherit;font-weight:650;padding:.75rem 1.3rem;border-radius:.4rem;border:1px solid transparent;background:var(--alder);color:var(--paper);min-height:2.9rem;cursor:pointer}
button.quiet{background:transparent;color:var(--alder);border-color:currentColor}
button.danger{background:var(--no);color:var(--paper)}
a.go{display:inline-block;font-weight:650;padding:.75rem 1.3rem;border-radius:.4rem;background:var(--alder);color:var(--paper);text-decoration:none;min-height:2.9rem}
.find{display:flex;gap:.6rem;flex-wrap:wrap;margin:1rem 0;align-items:end}
.find>div{flex:1 1 12rem;min-width:0}
.find label{font-size:.9rem;color:var(--mute)}
.roll{display:grid;gap:0}
.roll>div{display:grid;grid-template-columns:1fr minmax(8rem,12rem);gap:.3rem 1rem;align-items:center;padding:.4rem 0;border-bottom:1px solid var(--rule)}
@media (max-width:24rem){.roll>div{grid-template-columns:1fr}}
.roll .fault{grid-column:1/-1;margin:0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}
@media (max-width:32rem){.pair{grid-template-columns:1fr}}
`;
