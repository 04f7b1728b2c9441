namespace SearchEngine.TestDisks;

/// <summary>What a simulated disk does wrong.</summary>
public enum Fault
{
    None,
    WriteError,
    TornWrite,
    FullDisk,
    FlushError,
    ReadError,
}
