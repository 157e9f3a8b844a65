const WITNESS = { url: 'https://museum.example', vkey: 'museum.example+656a4954+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH' };

/** Every value of the context that adds, removes or changes a resource is in one of these. */
export const CONTEXTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'as in cdk.json': {},
  'with a domain, protected, everything set': {
    stage: 'abcdefghijkl',
    domain: 'gate.city.example',
    certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
    city: 'City of Northfield',
    contact: 'City clerk, 555-0100',
    accessibility: 'https://city.example/accessibility',
    privacy: 'https://city.example/privacy',
    itMail: 'it@city.example',
    alarmEmail: 'it@city.example',
    logKey: '3',
    logOrigin: 'gate.city.example/log',
    handoverBy: 'arn:aws:iam::123456789012:role/operator',
    originSecretVersion: '01234567-89ab-cdef-0123-456789abcdef',
    mailIdentity: 'existing',
    busReaders: '222233334444',
    protect: true,
  },
  'without a trail of its own': { trail: 'none', mailIdentity: 'address' },
  'signed by a key of another account and then by its own, copied into another account': {
    logKeyArn: 'arn:aws:kms:us-west-2:222233334444:key/mrk-0123456789abcdef0123456789abcdef',
    logKey: '1',
    copyTo: 'arn:aws:s3:::county-archive',
    copyRegion: 'eu-central-1',
  },
  'signed by a key of another account, with nothing in another region': {
    logKeyArn: 'arn:aws:kms:us-west-2:222233334444:key/mrk-0123456789abcdef0123456789abcdef',
    copyRegion: 'none',
  },
  'lean, with a quorum of witnesses': { size: 'lean', witnesses: [WITNESS], witnessQuorum: '1' },
};
