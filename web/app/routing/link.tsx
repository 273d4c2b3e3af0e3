/** A real link: opens in a new tab by the usual gestures, in place otherwise. */
import type { ComponentProps } from "react";
import { goTo } from "./router.ts";
import { fragmentOf, type Route } from "./routes.ts";

export interface LinkProps extends Omit<ComponentProps<"a">, "href" | "onClick"> {
	readonly to: Route;
}

export function Link({ to, children, ...rest }: LinkProps) {
	return (
		<a
			{...rest}
			href={fragmentOf(to)}
			onClick={(event) => {
				if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
				event.preventDefault();
				goTo(to);
			}}
		>
			{children}
		</a>
	);
}
