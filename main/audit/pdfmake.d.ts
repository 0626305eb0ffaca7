// What is used of pdfmake. The published types bring those of a browser into every file.
declare module 'pdfmake' {
  export type Run = { text: string; font: string; color?: string };
  export type Margin = [number, number, number, number];
  export type TextContent = { text: Run[]; style?: string; margin?: Margin; alignment?: 'right'; width?: number | '*' };
  export type Content =
    | TextContent
    | { stack: Content[]; margin?: Margin }
    | { columns: Content[]; margin?: Margin }
    | { table: Table; layout: TableLayout; margin?: Margin };
  export type Table = {
    headerRows?: number;
    dontBreakRows?: boolean;
    keepWithHeaderRows?: number;
    widths: number[];
    body: Content[][];
  };
  export type TableLayout = {
    hLineWidth: () => number;
    vLineWidth: () => number;
    hLineColor: () => string;
    fillColor: (row: number) => string | null;
    paddingLeft: (column: number) => number;
    paddingRight: () => number;
    paddingTop: () => number;
    paddingBottom: () => number;
  };
  export type Style = {
    font?: string;
    fontSize?: number;
    bold?: boolean;
    color?: string;
    lineHeight?: number;
    margin?: Margin;
  };
  export type Definition = {
    content: Content[];
    version: '1.7';
    subset: 'PDF/A-2b';
    language: string;
    displayTitle: boolean;
    pageSize: 'A4';
    pageMargins: Margin;
    info: {
      title: string;
      author: string;
      subject: string;
      creator: string;
      producer: string;
      creationDate: Date;
      modDate: Date;
    };
    defaultStyle: Style;
    styles: Record<string, Style>;
    header: (page: number, pages: number) => Content;
    footer: (page: number, pages: number) => Content;
  };
  const pdfmake: {
    virtualfs: { writeFileSync(name: string, bytes: Buffer): void };
    setFonts(fonts: Record<string, { normal: string; bold: string }>): void;
    setUrlAccessPolicy(allowed: (url: string) => boolean): void;
    setLocalAccessPolicy(allowed: (path: string) => boolean): void;
    createPdf(definition: Definition): { getBuffer(): Promise<Buffer> };
  };
  export default pdfmake;
}
