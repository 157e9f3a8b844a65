import { gateApp } from './gateApp.ts';

// `cdk.json` runs this file: `cdk synth`, `cdk diff` and `cdk deploy` start here.
gateApp().app.synth();
