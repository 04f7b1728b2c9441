using System.Text;

namespace SearchEngine.Ingestion.Tests;

/// <summary>PDF files of objects written by hand.</summary>
internal static class PdfObjects
{
    /// <summary>The file of objects, numbered from 1, the first its catalog. Places are counted in characters, each a byte.</summary>
    public static string FileOf(IEnumerable<string> objects)
    {
        var text = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        foreach (var body in objects)
        {
            offsets.Add(text.Length);
            text.Append($"{offsets.Count} 0 obj\n{body}\nendobj\n");
        }

        var xref = text.Length;
        text.Append($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        offsets.ForEach(offset => text.Append($"{offset:D10} 00000 n \n"));
        text.Append($"trailer\n<</Size {offsets.Count + 1}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF");
        return text.ToString();
    }
}
