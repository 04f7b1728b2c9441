using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SearchEngine.Packages.Tests;

/// <summary>The symbols inside an assembly: its source files, and how a debugger comes by each.</summary>
internal sealed class AssemblySymbols
{
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private AssemblySymbols(IReadOnlyList<string> documents, IReadOnlyList<string> unreachable)
    {
        Documents = documents;
        Unreachable = unreachable;
    }

    /// <summary>The paths of the source files, as the compiler wrote them.</summary>
    public IReadOnlyList<string> Documents { get; }

    /// <summary>Those whose text is neither in the symbols nor at an address that the symbols tell.</summary>
    public IReadOnlyList<string> Unreachable { get; }

    /// <summary>Reads them; null where the assembly has none.</summary>
    public static AssemblySymbols? Read(byte[] assembly)
    {
        using var file = new PEReader(new MemoryStream(assembly));
        var entry = file.ReadDebugDirectory().SingleOrDefault(e => e.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        if (entry.DataSize == 0)
            return null;
        using var provider = file.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
        var reader = provider.GetMetadataReader();
        var addressed = Addressed(reader);
        var (documents, unreachable) = (new List<string>(), new List<string>());
        foreach (var handle in reader.Documents)
        {
            var path = reader.GetString(reader.GetDocument(handle).Name);
            documents.Add(path);
            if (Find(reader, handle, EmbeddedSource) is null && !addressed(path))
                unreachable.Add(path);
        }

        return new AssemblySymbols(documents, unreachable);
    }

    /// <summary>Which paths SourceLink's map has an address of: its keys may have one asterisk.</summary>
    private static Func<string, bool> Addressed(MetadataReader reader)
    {
        if (Find(reader, EntityHandle.ModuleDefinition, SourceLink) is not { } map)
            return _ => false;
        using var json = JsonDocument.Parse(map);
        var patterns = json
            .RootElement.GetProperty("documents")
            .EnumerateObject()
            .Where(address => address.Value.GetString()!.StartsWith("http", StringComparison.Ordinal))
            .Select(address => new Regex($"^{Regex.Escape(address.Name).Replace(@"\*", ".*", StringComparison.Ordinal)}$"))
            .ToList();
        return path => patterns.Exists(pattern => pattern.IsMatch(path));
    }

    private static byte[]? Find(MetadataReader reader, EntityHandle parent, Guid kind)
    {
        foreach (var handle in reader.GetCustomDebugInformation(parent))
        {
            var information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) == kind)
                return reader.GetBlobBytes(information.Value);
        }

        return null;
    }
}
