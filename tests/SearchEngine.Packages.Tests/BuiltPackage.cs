using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace SearchEngine.Packages.Tests;

/// <summary>A package file, opened.</summary>
internal sealed class BuiltPackage : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly XElement _metadata;

    public BuiltPackage(string path)
    {
        _archive = ZipFile.OpenRead(path);
        using var stream = _archive.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        _metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    public string Id => this["id"]!;

    /// <summary>The files' paths, without what every package has.</summary>
    public IReadOnlyList<string> Files =>
        [
            .. _archive
                .Entries.Select(e => e.FullName)
                .Where(name =>
                    name != "[Content_Types].xml"
                    && !name.StartsWith("_rels/", StringComparison.Ordinal)
                    && !name.StartsWith("package/", StringComparison.Ordinal)
                    && !name.EndsWith(".nuspec", StringComparison.Ordinal)
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The packages that come with it, in their order.</summary>
    public IEnumerable<string> Dependencies =>
        _metadata
            .Descendants()
            .Where(e => e.Name.LocalName == "dependency")
            .Select(e => e.Attribute("id")!.Value)
            .Order(StringComparer.Ordinal);

    /// <summary>An element's text; null where there is none.</summary>
    public string? this[string element] => Find(element)?.Value;

    /// <summary>An element of the description; null where there is none.</summary>
    public XElement? Find(string element) => _metadata.Elements().SingleOrDefault(e => e.Name.LocalName == element);

    public byte[] Read(string file)
    {
        using var stream = _archive.GetEntry(file)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Whether bytes are machine code: ELF, Mach-O, or a Windows library without .NET metadata.</summary>
    public static bool IsNative(byte[] bytes)
    {
        if (bytes is [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] or [0xCF or 0xCE, 0xFA, 0xED, 0xFE, ..] or [0xCA, 0xFE, 0xBA, 0xBE, ..])
            return true;
        if (bytes is not [(byte)'M', (byte)'Z', ..])
            return false;
        using var reader = new PEReader(new MemoryStream(bytes));
        return !reader.HasMetadata;
    }

    public void Dispose() => _archive.Dispose();
}
