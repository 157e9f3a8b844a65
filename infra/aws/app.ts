import { gateApp } from './gateApp.ts';

// What `cdk.json` runs: `cdk synth`, `cdk diff` and `cdk deploy` start here.
gateApp().app.synth();
