using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Makes a document of the lines of a markup file: paragraphs and code blocks under headings.</summary>
internal static class MarkupBlocks
{
    /// <summary>The document; null where it says nothing.</summary>
    /// <param name="lines">What each line is, in order.</param>
    /// <param name="numberOf">The number in the file of a line, counted from 0.</param>
    /// <param name="fallbackTitle">The title where the lines give none.</param>
    internal static SourceDocument? Read(IEnumerable<MarkupLine> lines, Func<int, int> numberOf, string fallbackTitle)
    {
        var trail = new HeadingTrail();
        var block = new StringBuilder();
        var isCode = false;
        var start = 1;
        var number = 1;
        var count = 0;
        string? title = null;
        foreach (var line in lines)
        {
            number = numberOf(line.IsBeside ? count - 1 : count++);
            var breaks =
                line.Kind is MarkupLineKind.Heading or MarkupLineKind.Title
                || (line.Kind == MarkupLineKind.Code) != isCode
                || (line.Kind == MarkupLineKind.Text && string.IsNullOrWhiteSpace(line.Text));
            if (breaks && line.Kind != MarkupLineKind.Nothing)
            {
                Flush();
            }

            switch (line.Kind)
            {
                case MarkupLineKind.Title:
                    if (title is null)
                    {
                        title = line.Text;
                    }
                    else
                    {
                        trail.Block(line.Text, number);
                    }

                    break;
                case MarkupLineKind.Heading:
                    trail.Heading(line.Level, line.Text, number);
                    break;
                case MarkupLineKind.Text or MarkupLineKind.Code:
                    if (block.Length == 0)
                    {
                        start = number;
                        isCode = line.Kind == MarkupLineKind.Code;
                    }

                    block.Append(line.Text).Append('\n');
                    break;
            }
        }

        Flush();
        return trail.Finish(title, fallbackTitle);

        void Flush()
        {
            if (isCode)
            {
                trail.Code(block.ToString(), start);
            }
            else
            {
                trail.Block(block.ToString(), start);
            }

            block.Clear();
            isCode = false;
        }
    }
}
