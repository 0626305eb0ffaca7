// Sets one volume after another, away from the thread that serves people: setting a thousand records takes half a second.
import { parentPort } from 'node:worker_threads';
import pdfmake from 'pdfmake';
import { viewEn } from '../../shared/text/view-en.ts';
import { viewZh } from '../../shared/text/view-zh.ts';
import { documentOf, type Volume } from './pdf-document.ts';
import { FONTS } from './pdf-text.ts';

const WORDS = { en: viewEn, zh: viewZh };
const fontFiles = new Set(Object.values(FONTS).flatMap(({ normal, bold }) => [normal, bold]));

// Nothing of a document is fetched or read but its fonts, whatever stands in it.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => fontFiles.has(path));

parentPort!.on('message', (volume: Volume) => {
  // pdfmake changes what it is given.
  pdfmake.setFonts(structuredClone(FONTS));
  void pdfmake
    .createPdf(documentOf(volume, WORDS[volume.language]))
    .getBuffer()
    .then((pdf) => {
      const bytes = new Uint8Array(pdf);
      parentPort!.postMessage(bytes, [bytes.buffer]);
    });
});
