/** The door of the business gateway. */
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts";
export { SAMPLE_TEMPLATES } from "./templates/samples.ts";
export type { NewTemplate } from "./templates/templates.ts";
export { WebhookError } from "./webhooks/handshake.ts";
