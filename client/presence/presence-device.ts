/** The part of a device that says whether its person is here, and sees who else is. */
import type { PresenceDevice } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";

export function presenceDevice({ presence }: DeviceContext): PresenceDevice {
	return {
		here: async () => presence.here(),
		watchPresence: async (account) => presence.watch(account),
		presenceAudience: () => presence.audience(),
		setPresenceAudience: (audience) => presence.setAudience(audience),
	};
}
