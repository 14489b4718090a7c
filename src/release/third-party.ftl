<#-- Called by license-maven-plugin: dependencyMap has each library with its licences. -->
What the archive of Caravan contains beside Caravan itself, with licences. Each library's own texts are in its jar, below META-INF.

Data:
<#list dependencyMap as e>
<#if e.getKey().artifactId?starts_with("langchain4j-embeddings-all-minilm")>
  (Apache-2.0) all-MiniLM-L6-v2, the embedding model and its tokenizer, in ${e.getKey().artifactId}-${e.getKey().version}.jar (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2)
</#if>
</#list>
  (MIT) model_prices_and_context_window.json of LiteLLM, of which config/model-prices.json is a part (https://github.com/BerriAI/litellm; its text is in NOTICE)

Libraries:
<#list dependencyMap as e>
  <#list e.getValue() as license>(${license}) </#list>${e.getKey().name} (${e.getKey().groupId}:${e.getKey().artifactId}:${e.getKey().version}<#if e.getKey().url??> - ${e.getKey().url}</#if>)
</#list>
