using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;

namespace SearchEngine.Ingestion;

/// <summary>Reads EPUB books: a document for each chapter, in the order of the book, under the book's title.</summary>
internal sealed class EpubReader : IDocumentReader
{
    public string Name => "epub";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".epub"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken) =>
        OfficePackage.Read(file, "an EPUB book", ".epub", stream => Chapters(stream, file, warn, cancellationToken).ToList());

    private static IEnumerable<SourceDocument> Chapters(
        Stream stream,
        SourceFile file,
        Action<string, int?> warn,
        CancellationToken cancellationToken
    )
    {
        var budget = new ByteBudget(ByteBudget.DefaultBytes);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        var container = Xml(zip, "META-INF/container.xml", budget);
        var packagePath =
            container.Descendants().FirstOrDefault(e => e.Name.LocalName == "rootfile")?.Attribute("full-path")?.Value
            ?? throw new InvalidDataException("Its container names no package.");
        var package = Xml(zip, packagePath, budget);
        var folder = packagePath.Contains('/', StringComparison.Ordinal) ? packagePath[..(packagePath.LastIndexOf('/') + 1)] : "";
        var book = TitleRules.CleanProperty(package.Descendants().FirstOrDefault(e => e.Name.LocalName == "title")?.Value) ?? file.Name;
        var items = package
            .Descendants()
            .Where(e => e.Name.LocalName == "item")
            .GroupBy(e => e.Attribute("id")?.Value ?? "", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First().Attribute("href")?.Value ?? "", StringComparer.Ordinal);
        var spine = package.Descendants().Where(e => e.Name.LocalName == "itemref").Select(e => e.Attribute("idref")?.Value ?? "");
        foreach (var href in spine.Where(items.ContainsKey).Select(id => items[id]).Distinct(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Resolved(folder + Uri.UnescapeDataString(href.Split('#')[0]));
            if (zip.GetEntry(path) is not { } entry)
            {
                warn($"The chapter '{path}' is missing.", null);
                continue;
            }

            SourceDocument? read;
            try
            {
                using var content = entry.Open();
                var bytes = budget.ReadAll(content);
                read = HtmlReader.Parse(TextDecoder.Decode(bytes, file.Encoding, DeclaredEncoding.InHtml(bytes)), book);
            }
            catch (Exception e) when (ReaderFaults.IsOfFile(e))
            {
                warn($"The chapter '{path}' was passed over: {e.Message}", null);
                continue;
            }

            if (read is { } chapter)
            {
                yield return chapter with
                {
                    Id = path,
                    Title = book,
                    Sections =
                        chapter.Title == book
                            ? chapter.Sections
                            : [.. chapter.Sections.Select(s => s with { HeadingPath = [chapter.Title, .. s.HeadingPath] })],
                };
            }
        }
    }

    /// <summary>A path with its "." and ".." resolved; none leads out of the book.</summary>
    private static string Resolved(string path)
    {
        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name == ".." && names.Count > 0)
            {
                names.RemoveAt(names.Count - 1);
            }
            else if (name is not ("" or "." or ".."))
            {
                names.Add(name);
            }
        }

        return string.Join('/', names);
    }

    private static XDocument Xml(ZipArchive zip, string path, ByteBudget budget)
    {
        var entry = zip.GetEntry(path) ?? throw new InvalidDataException($"It has no {path}.");
        using var stream = entry.Open();
        using var reader = OfficeXml.Open(new MemoryStream(budget.ReadAll(stream)));
        return XDocument.Load(reader);
    }
}
