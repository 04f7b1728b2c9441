using System.Xml;

namespace SearchEngine.Ingestion;

/// <summary>Reads XML parts of office documents forward, in time linear in their size, whatever they nest.</summary>
internal static class OfficeXml
{
    /// <summary>Text of one part, unpacked; guards against archives made to fill the memory.</summary>
    private const long MaxCharactersInPart = 256L << 20;

    /// <summary>Deeper nesting than any program writes; the reader keeps a name for each level.</summary>
    private const int MaxDepth = 100_000;

    internal static XmlReader Open(Stream stream) =>
        XmlReader.Create(
            new CountingStream(stream, _ => { }, MaxCharactersInPart),
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Ignore,
                XmlResolver = null,
                MaxCharactersInDocument = MaxCharactersInPart,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                CloseInput = true,
            }
        );

    /// <summary>Characters that a document's own entities may come to.</summary>
    private const long MaxCharactersFromEntities = 1 << 20;

    /// <summary>Reads XML that is a text already. Entities that it declares itself are read, within bounds; nothing outside of it ever is.</summary>
    internal static XmlReader OpenText(string xml) =>
        XmlReader.Create(
            new StringReader(xml),
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Parse,
                MaxCharactersFromEntities = MaxCharactersFromEntities,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
            }
        );

    /// <summary>Moves to the next node; every 4096 nodes looks whether to stop.</summary>
    internal static bool Next(XmlReader reader, ref int count, CancellationToken cancellationToken)
    {
        if ((++count & 0xFFF) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reader.Depth > MaxDepth ? throw new SourceFormatException($"Its XML nests deeper than {MaxDepth} levels.") : reader.Read();
    }

    /// <summary>
    /// Passes over what an element holds. Leaves the reader on the end tag, which the caller's loop passes over like any other; not behind it,
    /// as <see cref="XmlReader.Skip"/> does, where the loop would pass over the next element.
    /// </summary>
    internal static void SkipContent(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            return;
        }

        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth) { }
    }

    /// <summary>An attribute by its local name, whatever its prefix; null where it is not there.</summary>
    internal static string? Attribute(XmlReader reader, string name)
    {
        string? value = null;
        if (reader.MoveToFirstAttribute())
        {
            do
            {
                if (reader.LocalName == name)
                {
                    value = reader.Value;
                    break;
                }
            } while (reader.MoveToNextAttribute());
            reader.MoveToElement();
        }

        return value;
    }

    /// <summary>Whether an on/off element is on: it is there and its value does not say otherwise.</summary>
    internal static bool IsOn(XmlReader reader) => Attribute(reader, "val") is not ("0" or "false" or "off" or "none");
}
