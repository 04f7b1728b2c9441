namespace SearchEngine.Ingestion;

/// <summary>What a path leads to, links not followed.</summary>
internal enum FileKind
{
    Missing,
    Regular,
    Folder,
    Link,

    /// <summary>A pipe, a socket or a device: reading it may never end.</summary>
    Special,
}
