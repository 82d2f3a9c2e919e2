// Scans one host with MDN's HTTP Observatory and prints its verdict as JSON.
// node observatory.mjs FOLDER HOST:PORT, with the package installed in FOLDER.
import { pathToFileURL } from "node:url";

const [folder, host] = process.argv.slice(2);
const place = `${folder}/node_modules/@mdn/mdn-http-observatory/src/index.js`;
const { scan } = await import(pathToFileURL(place));
const { scan: verdict, tests } = await scan(host);
console.log(JSON.stringify({ verdict, tests }));
