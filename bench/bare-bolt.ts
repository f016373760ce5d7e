// What slash → ack is compared with: a Bolt app on the same receiver that only acknowledges. A process of its own.
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';

const { SLACK_SIGNING_SECRET: signingSecret = '', SLACK_BOT_TOKEN: token = '', SLACK_API_URL: slackApiUrl = '' } = process.env;

const receiver = new HTTPReceiver({ signingSecret, endpoints: ['/slack/events'], logLevel: LogLevel.ERROR });
const app = new App({ token, receiver, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR });
app.command('/gpu', async ({ ack }) => ack());
const server = await receiver.start({ port: 0, host: '127.0.0.1' });
const address = server.address();
console.log(`ready on ${typeof address === 'object' ? address?.port : ''}`);

const stop = () => process.exit(0);
process.once('SIGTERM', stop);
process.once('disconnect', stop);
