using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells titles that name a document from what programs leave in the title property: "untitled", "Microsoft Word - x.doc", the path of
/// the file it was printed from.
/// </summary>
internal static partial class TitleRules
{
    /// <summary>A title that a reader of the document sees, as one line; null where it says nothing.</summary>
    internal static string? Clean(string? title)
    {
        if (title is null)
        {
            return null;
        }

        var clean = HeadingTrail.OneLine(title.Replace("\0", "", StringComparison.Ordinal));
        return clean.Any(char.IsLetterOrDigit) ? clean : null;
    }

    /// <summary>
    /// A title property, which nobody sees and programs fill, without what they put in front; null where it names nothing.
    /// </summary>
    internal static string? CleanProperty(string? title) =>
        Clean(title) is { } clean && Clean(PrintedFrom().Replace(clean, "")) is { } own && !NamesNothing().IsMatch(own) ? own : null;

    [GeneratedRegex(@"^Microsoft (Word|PowerPoint|Excel) - ")]
    private static partial Regex PrintedFrom();

    [GeneratedRegex(
        @"^(untitled([ -]?\d+)?|no title|title|document ?\d*|presentation ?\d*|book ?\d*|slide ?1|PowerPoint Presentation"
            + @"|[^\s]*\.(dvi|tex|docx?|indd|qxd|qxp|pptx?|xlsx?|odt|rtf|wpd|fm|ps|eps|pdf)|([A-Za-z]:[\\/]|/|file:).*)$",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex NamesNothing();
}
