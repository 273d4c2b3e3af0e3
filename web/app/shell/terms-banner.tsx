/** A newer version of the terms than the one accepted: said until it is read and answered. */
import { ScrollText } from "lucide-react";
import { Link } from "../routing/link.tsx";

import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

export function TermsBanner() {
	const terms = useCell(useModel().terms);
	if (terms === undefined || terms.acceptedVersion >= terms.version) return null;
	return (
		<div className="flex shrink-0 items-center gap-2.5 bg-plum-soft px-4 py-2 text-sm">
			<ScrollText size={17} aria-hidden="true" className="text-plum" />
			<p>
				{words.terms.banner(terms.version)}{" "}
				<Link
					to={{ place: "settings", page: "terms" }}
					className="font-semibold text-plum underline underline-offset-2"
				>
					{words.terms.bannerAction}
				</Link>
			</p>
		</div>
	);
}
