/** The start page: for strangers what this is, for people the posts of their friends and one place for an ad. */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as v from "valibot";
import { holdToLimits } from "../abuse/limits.ts";
import type { FamilyContext } from "../context.ts";
import { disc } from "../friends/friends.ts";
import { personAction, requireViewer, sendPage } from "../http/action.ts";
import { time } from "../pages/day.ts";
import { page } from "../pages/page.ts";
import type { PersonId, Viewer } from "../people/person.ts";

const POSTS_SHOWN = 50;
/** The ad comes after so many posts. */
const POSTS_BEFORE_AD = 2;

const Input = v.object({
	text: v.pipe(
		v.string("The post is empty."),
		v.trim(),
		v.nonEmpty("The post is empty."),
		v.maxLength(2000, "The post is too long."),
	),
});

/** `GET /`, `GET /api/feed` → `{posts: [{person, name, text, atMs}]}`, `POST /api/posts {text}`. */
export function serveFeed(app: FastifyInstance, context: FamilyContext): void {
	app.get<{ Querystring: { done?: string } }>("/", async (request, reply) => {
		const viewer = await context.sessions.viewerOf(request);
		return sendPage(
			reply,
			viewer === undefined ? landingPage(context) : await feedPage(context, viewer, request, request.query.done),
		);
	});
	app.get("/api/feed", async (request) => {
		const { person } = await requireViewer(context, request);
		return { posts: await postsFor(context, person) };
	});
	app.get("/api/me", async (request) => {
		const { person, name, email, birthYear } = await requireViewer(context, request);
		return { person, name, email, birthYear };
	});
	personAction(app, context, {
		path: "/posts",
		input: Input,
		status: 201,
		done: () => "/?done=posted",
		async run({ records, clock }, { text }, { person }) {
			await holdToLimits(context, person, "posts");
			const row = { person_id: person, text, at_ms: clock.now() };
			await records.insertInto("post").values(row).execute();
			return { posted: true };
		},
	});
}

interface Post {
	readonly person: PersonId;
	readonly name: string;
	readonly text: string;
	readonly atMs: number;
}

/** The newest posts of a person and their friends. */
async function postsFor({ records }: FamilyContext, viewer: PersonId): Promise<readonly Post[]> {
	return records
		.selectFrom("post")
		.innerJoin("person", "person.person_id", "post.person_id")
		.select(["post.person_id as person", "name", "text", "at_ms as atMs"])
		.where(({ or, eb, exists, selectFrom }) =>
			or([
				eb("post.person_id", "=", viewer),
				exists(
					selectFrom("friendship")
						.select("since_ms")
						.where("friendship.person_id", "=", viewer)
						.whereRef("friendship.friend_id", "=", "post.person_id"),
				),
			]),
		)
		.orderBy("post_id", "desc")
		.limit(POSTS_SHOWN)
		.execute();
}

async function feedPage(
	context: FamilyContext,
	viewer: Viewer,
	request: FastifyRequest,
	done: string | undefined,
): Promise<Html> {
	const posts = await postsFor(context, viewer.person);
	const ad = await context.adSlot?.(viewer, request);
	const body = html`
<h1>Hello, ${viewer.name}</h1>
<form method="post" action="/posts" class="card stack">
<label>What is new?<textarea name="text" rows="3" maxlength="2000" required></textarea></label>
<button>Post</button>
</form>
${posts.slice(0, POSTS_BEFORE_AD).map(postCard)}
${ad}
${posts.slice(POSTS_BEFORE_AD).map(postCard)}
${posts.length === 0 && html`<p class="quiet">Nothing here yet. <a href="/friends">Find friends</a>, or write the first post.</p>`}`;
	return page({ context, viewer, title: "Home", path: "/", body, done });
}

function postCard({ name, text, atMs }: Post): Html {
	return html`
<article class="card post">
<header>${disc(name)}<div><strong>${name}</strong><small>${time(atMs)}</small></div></header>
<p>${text}</p>
</article>`;
}

function landingPage(context: FamilyContext): Html {
	const { title } = context.company;
	const body = html`
<section class="hero">
<h1>${title}</h1>
<p class="lead">${
		context.features.ads
			? "What your friends are up to, in one place. Paid for by ads that tell you why you see them."
			: "The small sister of a large company: your friends, what they write, and no ads."
	}</p>
<p><a class="button big" href="/sign-up">Sign up</a> <a class="button big second" href="/log-in">Log in</a></p>
</section>
<section class="facts">
<div class="card"><h2>No number needed</h2><p>You sign up with an e-mail address. If you add your phone number, you say what
it may be used for, and nothing is ticked for you.</p></div>
<div class="card"><h2>Nothing behind your back</h2><p>What Troth shares with us comes with your signature and a public proof,
or we do not take it. One page shows all we know about you.</p></div>
<div class="card"><h2>Not here, and want it so?</h2><p>You can <a href="/keep-out">keep your number out</a> of every address
book that others upload, without an account.</p></div>
</section>`;
	return page({ context, viewer: undefined, title: "Welcome", path: "/", body });
}
