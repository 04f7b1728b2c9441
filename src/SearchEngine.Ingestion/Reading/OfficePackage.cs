using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace SearchEngine.Ingestion;

/// <summary>Opens Open XML packages (Word, PowerPoint, Excel) and says in a sentence why one cannot be read.</summary>
internal static class OfficePackage
{
    private static ReadOnlySpan<byte> OldFormat => [0xD0, 0xCF, 0x11, 0xE0];

    /// <summary>Reads a package by a function, whole.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind">What it should be, for messages: "a Word document".</param>
    /// <param name="extension">The extension that the format has, for advice.</param>
    /// <param name="read">Reads it from its bytes.</param>
    /// <exception cref="SourceFormatException">It cannot be read.</exception>
    internal static T Read<T>(SourceFile file, string kind, string extension, Func<Stream, T> read)
    {
        var bytes = file.ReadAllBytes();
        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            return read(stream);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException or SourceFormatException))
        {
            // A damaged package can bring the parser to any exception; those of the process itself pass.
            throw new SourceFormatException(
                bytes.AsSpan().StartsWith(OldFormat)
                    ? $"It is encrypted or in the old format of Office. Save it as {extension} without a password first."
                    : $"It is damaged or not {kind}: {e.Message}",
                e
            );
        }
    }

    internal static OpenSettings Settings =>
        new()
        {
            MarkupCompatibilityProcessSettings = new MarkupCompatibilityProcessSettings(
                MarkupCompatibilityProcessMode.NoProcess,
                DocumentFormat.OpenXml.FileFormatVersions.Office2007
            ),
        };

    /// <summary>The text runs (a:t) of a drawing, chart or diagram, a line for each paragraph.</summary>
    internal static IEnumerable<string> DrawingTexts(OpenXmlPart part, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        var text = new System.Text.StringBuilder();
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (
                reader.NodeType == XmlNodeType.Element
                && reader.LocalName == "cNvPr"
                && OfficeXml.Attribute(reader, "descr") is { Length: > 0 } description
            )
            {
                yield return HeadingTrail.OneLine(description);
            }

            if (reader.NodeType == XmlNodeType.Element && reader.LocalName is "t" or "v" or "text" && !reader.IsEmptyElement)
            {
                // "v" is a chart's cached value: its names of series and categories; "text" is a comment's.
                text.Append(reader.LocalName == "v" ? "\n" : "").Append(reader.ReadString());
            }

            if (reader.NodeType == XmlNodeType.EndElement && reader.LocalName is "p" or "pt" or "cm")
            {
                if (text.ToString().Any(char.IsLetter))
                {
                    yield return HeadingTrail.OneLine(text.ToString());
                }

                text.Clear();
            }
        }
    }

    /// <summary>
    /// Files that parts of a package hold: pieces of other formats that are shown in their place, and documents that are embedded. Those that
    /// hold too much are told and left out.
    /// </summary>
    internal static List<(string Name, byte[] Content)> FilesIn(IEnumerable<OpenXmlPart> parts, SourceFile file, Action<string, int?> warn)
    {
        var files = new List<(string, byte[])>();
        var told = new HashSet<Uri>();
        foreach (
            var part in parts.SelectMany(part =>
                part.GetPartsOfType<AlternativeFormatImportPart>().Cast<OpenXmlPart>().Concat(part.GetPartsOfType<EmbeddedPackagePart>())
            )
        )
        {
            var name = Path.GetFileName(part.Uri.OriginalString);
            if (!told.Add(part.Uri))
            {
                continue;
            }

            try
            {
                using var stream = part.GetStream();
                files.Add((name, (file.Contained?.Budget ?? new ByteBudget(ByteBudget.MaxEntryBytes)).ReadAll(stream)));
            }
            catch (Exception e) when (e is SourceFormatException or InvalidDataException or IOException)
            {
                warn($"'{name}' was passed over: {e.Message}", null);
            }
        }

        return files;
    }

    /// <summary>The documents of files in a package; they have its title where they have none of their own.</summary>
    internal static IEnumerable<SourceDocument> ReadFiles(
        List<(string Name, byte[] Content)> files,
        SourceFile file,
        string title,
        Action<string, int?> warn,
        CancellationToken cancellationToken
    )
    {
        foreach (var (name, content) in files)
        {
            if (file.Contained is not { } contained || !contained.CanRead(name, content))
            {
                warn($"'{name}', which it holds, was passed over: nothing reads files of this kind here.", null);
                continue;
            }

            foreach (var document in contained.Read(file, name, content, warn, cancellationToken))
            {
                var isNamed = !document.Title.EndsWith("!" + Path.GetFileNameWithoutExtension(name), StringComparison.Ordinal);
                yield return isNamed ? document : document with { Title = title };
            }
        }
    }
}
