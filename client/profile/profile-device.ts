/** The part of a device that shows its person to others, and shows them what the server knows. */
import type { ProfileDevice } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { aboutMe } from "./about-me.ts";
import { numberRule } from "./number.ts";
import { photoOf, removePhoto, setAudiences, setPhoto, viewProfile } from "./photo.ts";

export function profileDevice(context: DeviceContext): ProfileDevice {
	return {
		profile: () => viewProfile(context),
		setPhoto: (picture) => setPhoto(context, picture),
		removePhoto: () => removePhoto(context),
		photo: (account) => photoOf(context, account),
		setProfileAudiences: (change) => setAudiences(context, change),
		numberRule: () => numberRule(context),
		aboutMe: () => aboutMe(context),
	};
}
