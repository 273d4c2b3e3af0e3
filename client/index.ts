/** The door of the client: a device, and what it takes to open or register one. Runs anywhere. */
export type * from "./device/api.ts";
export { type DeviceOptions, hasProfile, openDevice } from "./device/open-device.ts";
export type { DevicePorts } from "./device/ports.ts";
export { createRegistration, type ResumableRegistration } from "./registration/register.ts";
