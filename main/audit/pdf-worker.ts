// Sets one volume after another, away from the thread that serves people: setting a thousand records takes half a second.
import { parentPort } from 'node:worker_threads';
import pdfmake from 'pdfmake';
import { viewEn } from '../../shared/text/view-en.ts';
import { viewZh } from '../../shared/text/view-zh.ts';
import { documentOf, type Volume } from './pdf-document.ts';
import { openFonts } from './pdf-text.ts';

const WORDS = { en: viewEn, zh: viewZh };
const { fonts, files } = openFonts();

// Nothing is fetched or read, whatever stands in a document: its fonts are in memory.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy(() => false);
pdfmake.setFonts(fonts);
for (const { name, bytes } of files) pdfmake.virtualfs.writeFileSync(name, bytes);

parentPort!.on('message', (volume: Volume) => {
  void pdfmake
    .createPdf(documentOf(volume, WORDS[volume.language]))
    .getBuffer()
    .then((pdf) => {
      const bytes = new Uint8Array(pdf);
      parentPort!.postMessage(bytes, [bytes.buffer]);
    });
});
