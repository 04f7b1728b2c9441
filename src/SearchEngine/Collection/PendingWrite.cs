namespace SearchEngine;

/// <summary>A batch on its way through the write loop.</summary>
internal sealed class PendingWrite(IReadOnlyList<PreparedOperation> operations)
{
    public IReadOnlyList<PreparedOperation> Operations { get; } = operations;

    public TaskCompletionSource<WriteResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<LogOperation> Logged { get; } = [];

    public int Inserted { get; set; }

    public int Updated { get; set; }

    public int Deleted { get; set; }

    public long Address { get; set; }
}

/// <summary>An operation that was checked, embedded and encoded before it met the write loop.</summary>
internal sealed record PreparedOperation(
    WriteOperationKind Kind, RecordKey Key, byte[] EncodedKey, byte[] Record, object?[] Values, float[]?[] Vectors, string? MetadataName, string? MetadataValue);
