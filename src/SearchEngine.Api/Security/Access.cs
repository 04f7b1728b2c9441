namespace SearchEngine.Api.Security;

/// <summary>What an address needs and a key gives; each includes those before it.</summary>
internal enum Access
{
    /// <summary>Nothing: probes, the page and the descriptions.</summary>
    None,

    /// <summary>Searching and reading.</summary>
    Read,

    /// <summary>Writing and deleting documents.</summary>
    Write,

    /// <summary>Making, deleting, restoring and repairing collections; files of the host's machine.</summary>
    Admin,
}
