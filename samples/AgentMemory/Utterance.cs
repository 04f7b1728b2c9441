using Microsoft.Extensions.VectorData;

namespace SearchEngine.Samples.AgentMemory;

/// <summary>What somebody said: a record of <see cref="RecallProvider"/>.</summary>
internal sealed class Utterance
{
    [VectorStoreKey]
    public Guid Id { get; set; }

    /// <summary>Whose conversation it was; nobody else's is searched.</summary>
    [VectorStoreData(IsIndexed = true)]
    public string User { get; set; } = "";

    [VectorStoreData(IsIndexed = true)]
    public string Conversation { get; set; } = "";

    [VectorStoreData]
    public string Role { get; set; } = "";

    [VectorStoreData(IsFullTextIndexed = true)]
    public string Text { get; set; } = "";

    [VectorStoreData(IsIndexed = true)]
    public DateTimeOffset SaidAt { get; set; }

    /// <summary>What is embedded.</summary>
    [VectorStoreVector(MemoryDemo.Dimensions)]
    public string Embedding => Text;
}
