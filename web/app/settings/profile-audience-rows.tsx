/** Who sees the picture, and who sees the number. */
import type { ProfileAudiences } from "@troth/client/device/api.ts";
import { useCallback, useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { words } from "../words/words.ts";
import { AudienceRow } from "./audience-row.tsx";
import { useAnswer } from "./use-answer.ts";

export function ProfileAudienceRows() {
	const { host, announcement, self } = useModel();
	const act = useAction();
	const { profile: say } = words;
	const { value } = useAnswer(useCallback(() => host.profile(), [host]));
	const [chosen, setChosen] = useState<ProfileAudiences>();
	const audiences = chosen ?? value?.audiences;
	if (audiences === undefined) return null;
	const choose = (change: Partial<ProfileAudiences>) =>
		act(async () => {
			setChosen((await host.setProfileAudiences(change)).audiences);
			self.set(await host.self());
			announcement.set(words.settings.saved);
		});
	return (
		<>
			<AudienceRow
				label={say.photo}
				text={say.photoAudience}
				audience={audiences.photo}
				onChange={(photo) => void choose({ photo })}
			/>
			<AudienceRow
				label={say.number}
				text={say.numberAudience}
				audience={audiences.number}
				onChange={(number) => void choose({ number })}
			/>
		</>
	);
}
