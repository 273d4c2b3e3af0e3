/** One's own picture, chosen and removed. It is drawn small and encrypted before it leaves the device. */
import type { ProfileView, Self } from "@troth/client/device/api.ts";
import { Camera } from "lucide-react";
import { type ChangeEvent, useRef, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { drawPicture } from "./draw-picture.ts";

export function ProfilePhoto({ self }: { readonly self: Self }) {
	const model = useModel();
	const { profile: say } = words;
	const [open, setOpen] = useState(false);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<string>();
	const chooser = useRef<HTMLInputElement>(null);

	const change = async (work: () => Promise<ProfileView>) => {
		setBusy(true);
		setProblem(undefined);
		try {
			await work();
			model.self.set(await model.host.self());
			model.say(words.settings.saved);
			setOpen(false);
		} catch (error) {
			setProblem(error instanceof Error && "code" in error ? reasonOf(error) : say.notAPicture);
		} finally {
			setBusy(false);
		}
	};
	const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
		const file = target.files?.[0];
		target.value = "";
		if (file !== undefined) void change(async () => model.host.setPhoto(await drawPicture(file)));
	};
	return (
		<>
			<button
				type="button"
				aria-label={say.photo}
				onClick={() => setOpen(true)}
				className="relative shrink-0 rounded-full"
			>
				<Avatar id={self.account} name={self.name} photo={self.photo} size={72} />
				<span className="absolute -right-1 -bottom-1 grid size-7 place-items-center rounded-full bg-plum text-on-plum ring-2 ring-surface">
					<Camera size={15} aria-hidden="true" />
				</span>
			</button>
			<Sheet open={open} onClose={() => setOpen(false)} title={say.photo}>
				<div className="flex flex-col items-center gap-5">
					<Avatar id={self.account} name={self.name} photo={self.photo} size={160} />
					<p className="text-muted text-sm">{say.photoText}</p>
					{problem !== undefined && <Problem>{problem}</Problem>}
					<input
						ref={chooser}
						type="file"
						accept="image/*"
						aria-label={say.choose}
						className="sr-only"
						tabIndex={-1}
						onChange={choose}
					/>
					<div className="flex flex-wrap justify-center gap-2">
						<Button busy={busy} onClick={() => chooser.current?.click()}>
							{self.photo === undefined ? say.choose : say.chooseOther}
						</Button>
						{self.photo !== undefined && (
							<Button look="quiet" disabled={busy} onClick={() => void change(() => model.host.removePhoto())}>
								{say.remove}
							</Button>
						)}
					</div>
				</div>
			</Sheet>
		</>
	);
}
