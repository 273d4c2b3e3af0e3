/** The camera of a browser for tests: it sees what a file shows (y4m), and the file what stands on somebody's screen. */
import { mkdtempSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";

const WIDTH = 640;
const HEIGHT = 480;
/** More than one: Chromium begins anew at the end of the file. */
const FRAMES = 2;
const GREY = 128;

export class Camera implements AsyncDisposable {
	readonly #directory = mkdtempSync(join(tmpdir(), "troth-camera-"));
	readonly #file = join(this.#directory, "seen.y4m");

	/** What the browser is launched with to have this camera. */
	get flags(): readonly string[] {
		return [`--use-file-for-fake-video-capture=${this.#file}`];
	}

	/** It is pointed at a grey wall. To be called before the browser is launched. */
	async seesNothing(): Promise<void> {
		await this.#show(new Uint8Array(WIDTH * HEIGHT).fill(GREY));
	}

	/** It is pointed at this part of a page, as it is painted there. Counts for whoever switches it on from now on. */
	async sees(part: Locator): Promise<void> {
		const picture = (await part.screenshot({ animations: "disabled" })).toString("base64");
		const draw = `(async () => {
			const bytes = Uint8Array.from(atob("${picture}"), (character) => character.charCodeAt(0));
			const picture = await createImageBitmap(new Blob([bytes]));
			const context = new OffscreenCanvas(${WIDTH}, ${HEIGHT}).getContext("2d");
			context.fillStyle = "rgb(${GREY} ${GREY} ${GREY})";
			context.fillRect(0, 0, ${WIDTH}, ${HEIGHT});
			const [width, height] = [picture.width * 1.3, picture.height * 1.3];
			context.translate(${WIDTH / 2}, ${HEIGHT / 2});
			context.rotate(0.1);
			context.drawImage(picture, -width / 2, -height / 2, width, height);
			const { data } = context.getImageData(0, 0, ${WIDTH}, ${HEIGHT});
			let luma = "";
			for (let at = 0; at < data.length; at += 4)
				luma += String.fromCharCode((data[at] * 299 + data[at + 1] * 587 + data[at + 2] * 114) / 1000);
			return btoa(luma);
		})()`;
		await this.#show(Buffer.from((await part.page().evaluate(draw)) as string, "base64"));
	}

	/** @param luma a byte for each pixel */
	async #show(luma: Uint8Array): Promise<void> {
		const colourless = new Uint8Array((WIDTH * HEIGHT) / 2).fill(GREY);
		const frame = [Buffer.from("FRAME\n"), luma, colourless];
		const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
		// Whole or not at all: the browser may be looking.
		await writeFile(
			`${this.#file}.next`,
			Buffer.concat([header, ...Array.from({ length: FRAMES }, () => frame).flat()]),
		);
		await rename(`${this.#file}.next`, this.#file);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#directory, { recursive: true, force: true });
	}
}
