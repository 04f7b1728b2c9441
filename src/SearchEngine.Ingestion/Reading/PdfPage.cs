namespace SearchEngine.Ingestion;

/// <summary>A page's lines in reading order.</summary>
internal sealed record PdfPage(int Number, List<PdfLine> Lines);

/// <summary>A line of text, and whether a gap or a new column comes before it.</summary>
internal readonly record struct PdfLine(string Text, bool StartsBlock);

/// <summary>A bookmark: the page it leads to, and its titles from the outermost.</summary>
internal readonly record struct PdfHeading(int Page, IReadOnlyList<string> Path);
