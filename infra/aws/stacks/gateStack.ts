import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { CLOCK_RULE, DERIVED_RULE, NOTIFY_RULE, WEBHOOKS_RULE } from '../../../functions/handlers/runtime/busRules.ts';
import { TAMPERED_RULE } from '../../../functions/reactions/relay/cloudEvents.ts';
import { logOriginAt } from '../../../functions/web/routes/pages.ts';
import { gateAlarms, Incidents, Watch } from '../constructs/alarms.ts';
import { EventBus, Scheduled, StreamConsumer } from '../constructs/consumers.ts';
import { allowCopying, type CopyPlace, copyAlarms, copyVariables, warnOfNoCopies } from '../constructs/copies.ts';
import { FrontDoor } from '../constructs/edge.ts';
import { allowTables, type CoreFunction, FUNCTIONS, type FunctionName } from '../constructs/functions.ts';
import { DeadLetterQueue, GateFunction } from '../constructs/gateFunction.ts';
import { allowSigning } from '../constructs/keys.ts';
import { Mail } from '../constructs/mail.ts';
import type { DeploymentSettings } from '../settings.ts';
import type { GuardStack } from './guardStack.ts';
import { type RecordsStack, writeOutputs } from './recordsStack.ts';

interface GateStackProps extends StackProps {
  readonly settings: DeploymentSettings;
  readonly records: RecordsStack;
  readonly guard: GuardStack | undefined;
  /** The destination of copies; undefined if none are made. */
  readonly copyTo: CopyPlace | undefined;
}

type Functions = Readonly<Record<CoreFunction, GateFunction>>;

/** Environment variables about the city, its mail and the bus. */
interface Variables {
  readonly place: Readonly<Record<string, string>>;
  readonly mailing: Readonly<Record<string, string>>;
  readonly busName: string;
}

const present = (variables: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const variablesOf = (settings: DeploymentSettings) => ({
  city: present({ ALDERGATE_CITY: settings.city, ALDERGATE_CONTACT: settings.contact }),
  ownWords: present({ ALDERGATE_ACCESSIBILITY: settings.accessibility, ALDERGATE_PRIVACY: settings.privacy }),
  logName: present({ ALDERGATE_LOG_ORIGIN: settings.logOrigin }),
  itMail: present({ ALDERGATE_IT_MAIL: settings.itMail }),
  lease: { ALDERGATE_LEASE_SECONDS: String(settings.leaseSeconds), ALDERGATE_BULK_MAX_AGE: settings.bulkMaxAge },
  limits: {
    ALDERGATE_NOTICES_PER_HOUR: String(settings.noticesPerHour),
    ALDERGATE_NOTICE_BYTES_PER_DAY: String(settings.noticeBytesPerDay),
  },
  witnesses: {
    ALDERGATE_WITNESSES: JSON.stringify(settings.witnesses.map(({ url, key }) => ({ url, vkey: formatVerifierKey(key) }))),
    ALDERGATE_WITNESS_QUORUM: String(settings.witnessQuorum),
  },
});

/** The running parts. All of them can be deleted and deployed again: the data is in {@link RecordsStack}. */
export class GateStack extends Stack {
  readonly #settings: DeploymentSettings;
  readonly #records: RecordsStack;
  readonly frontDoor: FrontDoor;

  constructor(scope: Construct, id: string, { settings, records, guard, copyTo, ...props }: GateStackProps) {
    super(scope, id, props);
    this.#settings = settings;
    this.#records = records;
    const topic = new Incidents(this, 'Incidents', { email: settings.alarmEmail, publishers: ['cloudwatch.amazonaws.com'] });
    const { originSecret, publicLog } = records;
    const frontDoor = new FrontDoor(this, 'FrontDoor', {
      originSecret,
      logFiles: publicLog.bucket,
      webAclArn: guard?.firewall.acl.attrArn,
      settings,
    });
    this.frontDoor = frontDoor;
    const bus = new EventBus(this, 'Events');
    const mail = new Mail(this, 'Mail', { from: settings.mailFrom, identity: settings.mailIdentity });
    const url = frontDoor.edge.url;
    const functions = this.#functions({
      place: { ALDERGATE_URL: url, ALDERGATE_TIME_ZONE: settings.timeZone },
      mailing: {
        ALDERGATE_MAIL_FROM: settings.mailFrom,
        ALDERGATE_MAIL_CONFIGURATION: mail.configuration.configurationSetName,
      },
      busName: bus.bus.eventBusName,
    });
    frontDoor.open(functions);
    bus.allowReaders(settings.busReaders);
    bus.allowPublishing(functions.sequencer);
    bus.allowPublishing(functions.derived);
    records.publicLog.allowWriting(functions.sequencer);
    for (const keyArn of [records.logKeyArn, records.formerLogKeyArn ?? []].flat()) allowSigning(functions.sequencer, keyArn);
    records.publicLog.allowReading(functions.log);
    mail.allowSending(functions.notify);
    mail.allowSending(functions.passkeys);
    mail.reportReturned(functions.notify, bus);
    const queues = this.#feed(functions, bus);
    bus.notify('Tampered', TAMPERED_RULE, topic);
    const watch = new Watch(this, 'Watch', { topic, settings });
    gateAlarms(watch, { functions, frontDoor, queues, settings });
    const copies = copyTo && this.#copies(copyTo, queues.chores, watch, functions.clock);
    if (copies === undefined) warnOfNoCopies(this);
    writeOutputs(this, {
      Url: url,
      Domain: frontDoor.edge.distribution.distributionDomainName,
      Bus: bus.bus.eventBusName,
      LogOrigin: settings.logOrigin ?? logOriginAt(url),
      ...Object.fromEntries(
        Object.entries({ ...functions, ...(copies && { copies }) }).map(([name, { lambda }]) => [
          `${name.replace(/^./, (first) => first.toUpperCase())}Function`,
          lambda.functionName,
        ]),
      ),
    });
  }

  #functions({ place, mailing, busName }: Variables): Functions {
    const { publicLog, logKeyArn, formerLogKeyArn } = this.#records;
    const { city: named, ownWords, logName, itMail, lease, limits, witnesses } = variablesOf(this.#settings);
    const city = { ...place, ...named };
    const logFiles = { ALDERGATE_LOG_BUCKET: publicLog.bucket.bucketName };
    return {
      api: this.#function('api', { ...place, ...limits, ...lease }, ['ORIGIN', 'ROSTER']),
      site: this.#function('site', { ...city, ...limits, ...ownWords }, ['ORIGIN', 'LINK', 'TEXT']),
      passkeys: this.#function('passkeys', { ...city, ...mailing }, ['ORIGIN', 'LINK', 'TEXT']),
      projector: this.#function('projector', {}),
      webhooks: this.#function('webhooks', {}),
      notify: this.#function('notify', { ...city, ...mailing, ...itMail }, ['LINK']),
      derived: this.#function('derived', { ALDERGATE_BUS: busName }),
      clock: this.#function('clock', place),
      sequencer: this.#function('sequencer', {
        ...place,
        ...logName,
        ...logFiles,
        ALDERGATE_BUS: busName,
        ALDERGATE_LOG_KEY: logKeyArn,
        ...(formerLogKeyArn !== undefined && { ALDERGATE_LOG_FORMER_KEY: formerLogKeyArn }),
        ...witnesses,
      }),
      log: this.#function('log', logFiles, ['ORIGIN']),
    };
  }

  /** Makes a function that may read these secrets and the MAC keys: every function that reads a table checks the MACs of its rows. */
  #function(
    folder: FunctionName,
    variables: Readonly<Record<string, string>>,
    keys: readonly ('LINK' | 'ORIGIN' | 'ROSTER' | 'TEXT')[] = [],
  ): GateFunction {
    const { access, ...plan } = FUNCTIONS[folder];
    const { linkSecret, textSecret, rosterSecret, originSecret, commitSecret } = this.#records;
    const known = { LINK: linkSecret, TEXT: textSecret, ROSTER: rosterSecret, ORIGIN: originSecret, COMMIT: commitSecret };
    const secrets = [...keys, 'COMMIT' as const].map((key) => [`ALDERGATE_${key}_SECRET`, known[key].secret.secretArn] as const);
    const made = new GateFunction(this, folder, {
      ...plan,
      folder,
      environment: {
        ALDERGATE_COMMITS_TABLE: this.#records.commits.table.tableName,
        ALDERGATE_SIDE_TABLE: this.#records.sideStore.table.tableName,
        ALDERGATE_REGISTER_TABLE: this.#records.register.table.tableName,
        ...variables,
        ...Object.fromEntries(secrets),
      },
    });
    allowTables(made, this.#records, access);
    made.allow(
      ['secretsmanager:GetSecretValue'],
      secrets.map(([, arn]) => arn),
    );
    return made;
  }

  #copies(to: CopyPlace, undelivered: DeadLetterQueue, watch: Watch, clock: GateFunction): GateFunction {
    const { stage } = this.#settings;
    const copies = this.#function('copies', copyVariables(to, stage), ['TEXT', 'ROSTER']);
    allowCopying(copies, to, stage);
    new Scheduled(this, 'Every hour copies', { name: 'copies', target: copies, undelivered, every: Duration.hours(1) });
    copies.whenUnhandled();
    copyAlarms(watch, copies, clock);
    return copies;
  }

  #feed(
    { projector, notify, webhooks, derived, clock, sequencer }: Functions,
    bus: EventBus,
  ): Readonly<Record<'projector' | 'sequencer' | 'bus' | 'chores', DeadLetterQueue>> {
    const { commits } = this.#records;
    const inserted = (...streams: readonly object[]) => ({ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: streams } } } });
    const altered = { eventName: ['MODIFY', 'REMOVE'] };
    const nudged = {
      projector: new StreamConsumer(this, 'ToProjector', {
        consumer: projector,
        commits,
        only: [inserted({ prefix: 'feature/' })],
      }),
      // The sequencer need not wake for its own commits.
      sequencer: new StreamConsumer(this, 'ToSequencer', {
        consumer: sequencer,
        commits,
        only: [inserted({ 'anything-but': [LOG_STREAM] }), altered],
      }),
    };
    bus.nudge('ToNotify', NOTIFY_RULE, notify);
    bus.nudge('ToSubscribers', WEBHOOKS_RULE, webhooks);
    bus.nudge('ToDerived', DERIVED_RULE, derived);
    bus.nudge('ToClock', CLOCK_RULE, clock);
    const chores = new DeadLetterQueue(this, 'Chores');
    for (const [name, target] of Object.entries({ projector, notify, webhooks, derived, clock, sequencer })) {
      new Scheduled(this, `Every minute ${name}`, { name, target, undelivered: chores });
      // No sweep repeats the event that a mail bounced.
      target.whenUnhandled(target === notify ? bus.undelivered : undefined);
    }
    return { projector: nudged.projector.setAside, sequencer: nudged.sequencer.setAside, bus: bus.undelivered, chores };
  }
}
