package io.caravan.server.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.RestController;

/** A controller that exists only while the embedded server is switched on. */
@RestController
@ConditionalOnProperty(name = "caravan.server.enabled", havingValue = "true")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface ServerController {}
