/** `npm run build`: the web app, ready to be served. `npm start` does it too where it is missing. */
import { buildWeb } from "@troth/web/build.ts";

console.log((await buildWeb()).root);
