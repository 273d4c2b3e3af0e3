/** Light, dark, or as the system. */
import { Monitor, Moon, Sun } from "lucide-react";
import { RadioGroup } from "radix-ui";
import { APPEARANCES, type Appearance, appearance, chooseAppearance } from "../state/appearance.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;

export function AppearanceChoice() {
	const chosen = useCell(appearance);
	return (
		<RadioGroup.Root
			value={chosen}
			onValueChange={(choice) => chooseAppearance(choice as Appearance)}
			aria-label={words.settings.appearance}
			className="grid grid-cols-3 gap-1 p-1.5"
		>
			{APPEARANCES.map((choice) => {
				const Icon = ICONS[choice];
				return (
					<RadioGroup.Item
						key={choice}
						value={choice}
						className="flex min-h-18 flex-col items-center justify-center gap-1.5 rounded-control px-2 py-2 text-muted text-xs outline-offset-0 hover:bg-hover data-[state=checked]:bg-plum-soft data-[state=checked]:font-semibold data-[state=checked]:text-plum"
					>
						<Icon size={20} aria-hidden="true" />
						{words.settings.appearanceOptions[choice]}
					</RadioGroup.Item>
				);
			})}
		</RadioGroup.Root>
	);
}
